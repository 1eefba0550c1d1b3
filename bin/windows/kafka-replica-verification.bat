@echo off
rem Checks that all replicas have the same records.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\cli\kafka-replica-verification.js" %*
exit /b %errorlevel%

@echo off
rem Sends each line of standard input as a record.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\cli\kafka-console-producer.js" %*
exit /b %errorlevel%

@echo off
rem Prints the records of a topic.
call "%~dp0lib\ready.bat"
if errorlevel 1 exit /b 1
node "%~dp0..\..\dist\cli\kafka-console-consumer.js" %*
exit /b %errorlevel%
